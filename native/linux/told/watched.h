// One server under supervision: the socket on which its listener comes, the listener, and what is told of it.
#pragma once

#include <cstdint>
#include <vector>

#include "../../core/refusals.h"
#include "../fd.h"
#include "listener.h"
#include "records.h"
#include "tallies.h"

namespace mcpo::told {

class Watched {
 public:
  Watched(Fd socket, Fd records, Refusals refusals);

  // Negative before it came, and after the last process of the server has gone.
  int listener() const { return listener_.get(); }
  // Negative once the server is executed.
  int socket() const { return socket_.get(); }

  // Nothing is left that could be told of.
  bool IsOver() const { return !socket_ && !listener_; }

  // Takes what the launcher sent: the listener, or the end of file of its exec. True when there is a new
  // listener.
  bool TakeMessage();

  // Answers one call, if one waits.
  void AnswerOne(Milliseconds now);

  // No process of the server is left.
  void CloseListener() { listener_.Close(); }

  void TellDue(Milliseconds now) { TellDue(now, false); }
  void TellRest(Milliseconds now) { TellDue(now, true); }
  Milliseconds NextDue() const { return tallies_.NextDue(); }

  // How many more calls may be answered before others and this machine have a rest.
  int left = 0;

 private:
  void TellDue(Milliseconds now, bool all);
  void HandOn(std::vector<Fd>& descriptors);
  void Explain(const Call& call);
  bool Tell(const Call& call, std::uint64_t count);
  int ErrorFor(const Call& call) const;

  // Closed last: its end tells the gateway that nothing of this server is left.
  Records records_;
  Fd socket_;
  Fd listener_;
  Tallies tallies_;
  Refusals refusals_;
};

}  // namespace mcpo::told
