#include "read_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "../../fd.h"
#include "../report.h"

namespace mcpo {

std::size_t ReadSmallFile(const char* path, char* text, std::size_t room) {
  const Fd file(Require(open(path, O_RDONLY | O_CLOEXEC), "self-check", path));
  std::size_t size = 0;
  for (;;) {
    if (size + 1 >= room) FailWith("self-check", EFBIG, path);
    const ssize_t got = read(file.get(), text + size, room - 1 - size);
    if (got < 0) Fail("self-check", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text[size] = 0;
  return size;
}

}  // namespace mcpo
