/** The control group that guest/init delegates, and starts the command in. */
export const slice = '/sys/fs/cgroup/mcpo.slice'
