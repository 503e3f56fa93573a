// One thread for all servers of an environment. It never waits for one of them: a call is received when there
// is one, answered, and counted; records go to pipes that do not block. Who asks more often than the thread
// wants to answer waits itself.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <vector>

#include "../../core/backend.h"
#include "../fd.h"
#include "watched.h"

namespace mcpo {
namespace {

using told::Milliseconds;
using told::Watched;

// Per server and pause, some 2 % of a processor: a loop of refused calls is the loop's own loss.
constexpr int kAnswersAtOnce = 20;
// Explained programs open hundreds of files to start, and somebody waits for them.
constexpr int kExplainedAtOnce = 2000;
constexpr int kExplainedBytes = 1 << 20;
constexpr Milliseconds kPause = 20;
constexpr int kEvents = 64;

Milliseconds Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Milliseconds{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// What an event is about: a server's process id and which of its descriptors; 0 is the thread's own.
constexpr std::uint64_t kCommands = 0;
constexpr std::uint64_t SocketOf(int pid) {
  return static_cast<std::uint64_t>(pid) << 1;
}
constexpr std::uint64_t ListenerOf(int pid) {
  return SocketOf(pid) | 1;
}

// What the environment's thread asks for.
struct Command {
  int pid = -1;
  // Absent: forget.
  std::unique_ptr<Watched> watched;
};

int AnswersAtOnce(Refusals refusals) {
  return refusals == Refusals::kExplained ? kExplainedAtOnce : kAnswersAtOnce;
}

}  // namespace

class Supervisor::Thread {
 public:
  ~Thread();
  Failure Start();
  void Send(Command command);

 private:
  struct Server {
    std::unique_ptr<Watched> watched;
    int atOnce = 0;
    bool resting = false;
  };

  static void* Main(void* self);
  void Run();
  void TakeCommands();
  void Begin(int pid, std::unique_ptr<Watched> watched);
  void Take(const epoll_event& event);
  void Drop(std::map<int, Server>::iterator server);
  void TakeFromSocket(int pid, Server& server);
  void TakeFromListener(int pid, std::uint32_t events, Server& server);
  void SetResting(int pid, Server& server, bool resting);
  void EndRest();
  void TellDue(Milliseconds now);
  int TimeoutMs(Milliseconds now) const;

  pthread_t thread_{};
  bool started_ = false;
  Fd epoll_;
  Fd commanded_;
  std::mutex mutex_;
  // Both under the mutex.
  std::vector<Command> commands_;
  bool ending_ = false;

  std::map<int, Server> servers_;
  Milliseconds restEnds_ = 0;
  bool someRest_ = false;
};

Supervisor::Thread::~Thread() {
  if (!started_) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  eventfd_write(commanded_.get(), 1);
  pthread_join(thread_, nullptr);
}

Failure Supervisor::Thread::Start() {
  epoll_ = Fd(epoll_create1(EPOLL_CLOEXEC));
  commanded_ = Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll_ || !commanded_) return {"supervisor", errno};
  epoll_event event{EPOLLIN, {.u64 = kCommands}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, commanded_.get(), &event) != 0) return {"supervisor", errno};
  // Node's signals are for Node's threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int error = pthread_create(&thread_, nullptr, Main, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) return {"supervisor", error};
  started_ = true;
  return {};
}

void Supervisor::Thread::Send(Command command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(static_cast<Command&&>(command));
  }
  eventfd_write(commanded_.get(), 1);
}

void* Supervisor::Thread::Main(void* self) {
  pthread_setname_np(pthread_self(), "mcpo-supervisor");
  static_cast<Thread*>(self)->Run();
  return nullptr;
}

void Supervisor::Thread::Run() {
  epoll_event events[kEvents];
  for (;;) {
    const int count = epoll_wait(epoll_.get(), events, kEvents, TimeoutMs(Now()));
    for (int index = 0; index < count; ++index) Take(events[index]);
    const Milliseconds now = Now();
    if (someRest_ && restEnds_ <= now) EndRest();
    TellDue(now);
    const std::lock_guard lock(mutex_);
    if (ending_) return;
  }
}

void Supervisor::Thread::Take(const epoll_event& event) {
  if (event.data.u64 == kCommands) return TakeCommands();
  const int pid = static_cast<int>(event.data.u64 >> 1);
  const auto found = servers_.find(pid);
  // Dropped earlier in this batch.
  if (found == servers_.end()) return;
  if (event.data.u64 == SocketOf(pid))
    TakeFromSocket(pid, found->second);
  else
    TakeFromListener(pid, event.events, found->second);
  if (found->second.watched->IsOver()) Drop(found);
}

void Supervisor::Thread::Drop(std::map<int, Server>::iterator server) {
  server->second.watched->TellRest(Now());
  servers_.erase(server);
}

void Supervisor::Thread::TakeCommands() {
  eventfd_t ignored;
  eventfd_read(commanded_.get(), &ignored);
  std::vector<Command> commands;
  {
    const std::lock_guard lock(mutex_);
    commands.swap(commands_);
  }
  for (Command& command : commands) {
    const auto found = servers_.find(command.pid);
    if (found != servers_.end()) Drop(found);
    if (command.watched) Begin(command.pid, static_cast<std::unique_ptr<Watched>&&>(command.watched));
  }
}

// Should the kernel refuse to watch it, dropping it closes its socket: the launcher fails, and says so.
void Supervisor::Thread::Begin(int pid, std::unique_ptr<Watched> watched) {
  epoll_event event{EPOLLIN, {.u64 = SocketOf(pid)}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, watched->socket(), &event) != 0) return;
  const int atOnce = watched->left;
  servers_[pid] = {static_cast<std::unique_ptr<Watched>&&>(watched), atOnce, false};
}

void Supervisor::Thread::TakeFromSocket(int pid, Server& server) {
  Watched& watched = *server.watched;
  if (watched.socket() < 0 || !watched.TakeMessage()) return;
  epoll_event event{EPOLLIN, {.u64 = ListenerOf(pid)}};
  // Without it the calls get ENOSYS.
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, watched.listener(), &event) != 0) watched.CloseListener();
}

void Supervisor::Thread::TakeFromListener(int pid, std::uint32_t events, Server& server) {
  Watched& watched = *server.watched;
  if (watched.listener() < 0) return;
  if ((events & EPOLLIN) != 0 && !server.resting) {
    watched.AnswerOne(Now());
    if (--watched.left <= 0) SetResting(pid, server, true);
  } else if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
    watched.CloseListener();
  }
}

void Supervisor::Thread::SetResting(int pid, Server& server, bool resting) {
  server.resting = resting;
  epoll_event event{resting ? 0u : std::uint32_t{EPOLLIN}, {.u64 = ListenerOf(pid)}};
  if (server.watched->listener() >= 0) {
    epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, server.watched->listener(), &event);
  }
  if (!resting || someRest_) return;
  someRest_ = true;
  restEnds_ = Now() + kPause;
}

void Supervisor::Thread::EndRest() {
  someRest_ = false;
  for (auto& [pid, server] : servers_) {
    server.watched->left = server.atOnce;
    if (server.resting) SetResting(pid, server, false);
  }
}

void Supervisor::Thread::TellDue(Milliseconds now) {
  for (auto& [pid, server] : servers_) server.watched->TellDue(now);
}

int Supervisor::Thread::TimeoutMs(Milliseconds now) const {
  Milliseconds next = someRest_ ? restEnds_ : -1;
  for (const auto& [pid, server] : servers_) {
    const Milliseconds due = server.watched->NextDue();
    if (due >= 0 && (next < 0 || due < next)) next = due;
  }
  if (next < 0) return -1;
  return next <= now ? 0 : static_cast<int>(next - now);
}

Supervisor::Supervisor() = default;
Supervisor::~Supervisor() = default;

Failure Supervisor::Watch(Child& child, Refusals refusals) {
  Fd socket(child.told);
  child.told = -1;
  if (!thread_) {
    auto thread = std::make_unique<Thread>();
    if (const Failure failure = thread->Start()) return failure;
    thread_ = static_cast<std::unique_ptr<Thread>&&>(thread);
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {"pipe", errno};
  Fd read(ends[0]);
  Fd write(ends[1]);
  // This thread waits for no reader; a reader may wait for it.
  if (fcntl(write.get(), F_SETFL, O_NONBLOCK) != 0) return {"fcntl", errno};
  if (refusals == Refusals::kExplained) fcntl(write.get(), F_SETPIPE_SZ, kExplainedBytes);
  child.refusals = read.Release();
  auto watched = std::make_unique<Watched>(static_cast<Fd&&>(socket), static_cast<Fd&&>(write), refusals);
  watched->left = AnswersAtOnce(refusals);
  thread_->Send({child.pid, static_cast<std::unique_ptr<Watched>&&>(watched)});
  return {};
}

void Supervisor::Forget(int pid) {
  if (thread_) thread_->Send({pid, nullptr});
}

}  // namespace mcpo
