// What has to be installed before anything can be compiled, checked by using it.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One sentence that says what to install, or null when nothing is missing. */
export function findMissingTool() {
  const compiler = process.env.CXX ?? (process.platform === 'darwin' ? 'c++' : 'g++')
  if (process.platform === 'win32') return null
  if (!works(compiler, ['--version'])) {
    return `no C++ compiler (${compiler}): install one that knows C++20, for example g++ 11 or later (Debian, Ubuntu: \`apt install build-essential\`; Fedora: \`dnf install gcc-c++ make\`; Alpine: \`apk add build-base\`)`
  }
  if (!works('make', ['--version']))
    return 'no make: install it (Debian, Ubuntu: `apt install build-essential`; Fedora: `dnf install make`)'
  if (!works('python3', ['--version']))
    return 'no python3, which node-gyp runs on: install it (Debian, Ubuntu: `apt install python3`; Fedora: `dnf install python3`)'
  if (!compiles(compiler, ['-std=c++20']))
    return `${compiler} does not compile C++20: install g++ 11 or clang 14 or later, or set CXX to one`
  if (process.platform === 'linux' && !compiles(compiler, ['-static'])) {
    return 'no static C library, which the launcher is linked with: install it (Debian, Ubuntu: `apt install libc6-dev`; Fedora: `dnf install glibc-static`)'
  }
  return null
}

function works(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

function compiles(compiler, flags) {
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-toolchain-'))
  try {
    const source = join(folder, 'try.cc')
    writeFileSync(
      source,
      '#include <cstdint>\n#include <unistd.h>\nint main() { return static_cast<int>(getpid()) == 0; }\n',
    )
    return works(compiler, [...flags, source, '-o', join(folder, 'try')])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
