/** Python: two processes that spin for so long, and then the share of a processor that they had, as a number on standard output. */
export const spinFor = (seconds: number): string => `
import os, resource, time
def spent():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usages)
before, started = spent(), time.monotonic()
child = os.fork()
while time.monotonic() - started < ${seconds}: pass
if child == 0: os._exit(0)
os.wait()
print((spent() - before) / (time.monotonic() - started))`
