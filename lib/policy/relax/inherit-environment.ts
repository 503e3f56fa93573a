/**
 * `env_inherit = true`: the gateway's environment is passed on.
 *
 * Reason: servers configured by a dozen variables that are set for the gateway already.
 * Risk: a token in the gateway's environment reaches the server. Never passed on: MCPO_* and what the configuration
 * itself used; what makes programs load code (LD_*, NODE_OPTIONS …); the way to agents and session buses; proxies,
 * whose addresses hold passwords.
 */
import type { Relaxation } from './relaxation.ts'

export const inheritEnvironment: Relaxation = {
  setting: 'env_inherit = true',
  applies: (policy) => policy.inheritEnvironment,
  leaves: { environment: 'partial' },
  risk: 'the server sees the environment of the gateway, less known loader, agent, proxy and MCPO_* variables',
}

const neverInherited = new Set([
  // ours, or about this very process
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TMP',
  'TEMP',
  'PWD',
  'OLDPWD',
  'SHLVL',
  '_',
  // makes a program load code
  'NODE_OPTIONS',
  'NODE_PATH',
  'NODE_REPL_EXTERNAL_MODULE',
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
  'NODE_V8_COVERAGE',
  'NODE_EXTRA_CA_CERTS',
  'BASH_ENV',
  'ENV',
  'PROMPT_COMMAND',
  'SHELLOPTS',
  'BASHOPTS',
  'PS4',
  'IFS',
  'CDPATH',
  'GLOBIGNORE',
  'PERLLIB',
  'PERL5LIB',
  'PERL5OPT',
  'PERL5DB',
  'RUBYLIB',
  'RUBYOPT',
  'JAVA_TOOL_OPTIONS',
  '_JAVA_OPTIONS',
  'JDK_JAVA_OPTIONS',
  'CLASSPATH',
  'GCONV_PATH',
  'GETCONF_DIR',
  'HOSTALIASES',
  'LOCALDOMAIN',
  'LOCPATH',
  'NLSPATH',
  'RES_OPTIONS',
  'TERMCAP',
  'TERMINFO',
  'TERMINFO_DIRS',
  'MALLOC_TRACE',
  'OPENSSL_CONF',
  'OPENSSL_MODULES',
  'OPENSSL_ENGINES',
  'SSLKEYLOGFILE',
  'EDITOR',
  'VISUAL',
  'PAGER',
  'BROWSER',
  // the way to an agent, a bus or a display
  'SSH_AUTH_SOCK',
  'SSH_AGENT_PID',
  'SSH_ASKPASS',
  'SSH_CONNECTION',
  'SSH_CLIENT',
  'SSH_TTY',
  'GPG_AGENT_INFO',
  'GPG_TTY',
  'DOCKER_HOST',
  'CONTAINER_HOST',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'ICEAUTHORITY',
  'SESSION_MANAGER',
  'XDG_RUNTIME_DIR',
  'NOTIFY_SOCKET',
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
  'LISTEN_PID',
  'CREDENTIALS_DIRECTORY',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
  'INVOCATION_ID',
  'JOURNAL_STREAM',
  'KRB5CCNAME',
  'TMUX',
  'STY',
  // the host's own folders, not there inside
  'XDG_CONFIG_HOME',
  'XDG_STATE_HOME',
  'XDG_CACHE_HOME',
  'XDG_DATA_HOME',
  'STATE_DIRECTORY',
  'CACHE_DIRECTORY',
  'LOGS_DIRECTORY',
  'RUNTIME_DIRECTORY',
  'CONFIGURATION_DIRECTORY',
])

const neverInheritedPrefixes = [
  'MCPO_',
  'LD_',
  'DYLD_',
  'PYTHON',
  'GIT_',
  'DBUS_',
  'BASH_FUNC_',
  'GLIBC_TUNABLES',
  'npm_',
  'NPM_CONFIG_',
  'SUDO_',
]

/** Names are compared as they stand; `*_proxy` and, since programs read either, `*_PROXY`. */
export function mayInherit(name: string): boolean {
  if (neverInherited.has(name)) return false
  if (neverInheritedPrefixes.some((prefix) => name.startsWith(prefix))) return false
  return !/_proxy$/i.test(name)
}
