/**
 * `filesystem = "host-readonly"`: the host's tree, read-only, instead of the minimal root.
 *
 * Reason: tools that need much of the host (compilers in odd places, package databases) and no secret of it.
 * Risk: the server reads every file that its user may read, less the masks below. A mask list is never complete:
 * secrets in places that nobody thought of stay readable. Sockets made after the start, outside /run and /tmp, are
 * connectable.
 */
import type { Relaxation } from './relaxation.ts'

export const hostReadonly: Relaxation = {
  setting: 'filesystem = "host-readonly"',
  applies: (policy) => policy.filesystem.kind === 'host-readonly',
  leaves: { 'fs-read': 'partial' },
  risk: 'the server reads every file of this host that its user may read, except known places of credentials',
}

/** Below a home folder. */
export const homeCredentials: readonly string[] = [
  // keys and agents
  '.ssh',
  '.gnupg',
  '.pki',
  '.password-store',
  '.local/share/keyrings',
  '.local/share/kwalletd',
  '.config/keybase',
  '.age',
  // clouds and clusters
  '.aws',
  '.azure',
  '.config/gcloud',
  '.config/doctl',
  '.config/hcloud',
  '.oci',
  '.kube',
  '.docker',
  '.config/containers',
  '.terraform.d',
  '.vault-token',
  '.fly',
  '.config/rclone',
  // code hosts and package registries
  '.netrc',
  '.git-credentials',
  '.config/git/credentials',
  '.config/gh',
  '.config/glab-cli',
  '.config/hub',
  '.npmrc',
  '.yarnrc.yml',
  '.pypirc',
  '.config/pip',
  '.cargo/credentials',
  '.cargo/credentials.toml',
  '.gem/credentials',
  '.composer/auth.json',
  '.m2/settings.xml',
  '.gradle/gradle.properties',
  // databases
  '.pgpass',
  '.my.cnf',
  '.mongorc.js',
  '.rediscli_history',
  '.psql_history',
  '.mysql_history',
  '.sqlite_history',
  // browsers and mail
  '.mozilla',
  '.thunderbird',
  '.config/google-chrome',
  '.config/chromium',
  '.config/BraveSoftware',
  '.config/microsoft-edge',
  '.config/vivaldi',
  '.config/opera',
  '.cache/mozilla',
  '.cache/google-chrome',
  '.cache/chromium',
  'snap/firefox',
  'snap/chromium',
  '.var/app',
  // assistants and their servers' tokens
  '.claude',
  '.claude.json',
  '.codex',
  '.gemini',
  '.cursor',
  '.config/Claude',
  '.config/Code',
  '.vscode-server',
  '.mcp-auth',
  '.mcp.json',
  // shells' histories
  '.bash_history',
  '.zsh_history',
  '.local/share/fish/fish_history',
  '.python_history',
  '.node_repl_history',
  '.lesshst',
  '.viminfo',
  // desktop sessions
  '.Xauthority',
  '.ICEauthority',
  '.dbus',
  '.config/pulse',
]

/**
 * Covered below granted folders too: a root gateway id-maps what it grants, and these would be readable then although
 * `/etc` was meant to show settings. To show one of them, it must be granted itself.
 */
export const accountSecrets: readonly string[] = [
  '/etc/shadow',
  '/etc/shadow-',
  '/etc/gshadow',
  '/etc/gshadow-',
  '/etc/sudoers',
  '/etc/sudoers.d',
  '/etc/ssl/private',
]

/** Of the whole host. */
export const systemCredentials: readonly string[] = [
  ...accountSecrets,
  '/etc/ssh',
  '/etc/pki/tls/private',
  '/etc/krb5.keytab',
  '/etc/docker',
  '/etc/kubernetes',
  '/etc/rancher',
  '/etc/wireguard',
  '/etc/openvpn',
  '/etc/NetworkManager/system-connections',
  '/etc/wpa_supplicant',
  '/etc/letsencrypt',
  '/etc/mcp-one',
  '/var/lib/docker',
  '/var/lib/containerd',
  '/var/lib/kubelet',
  '/var/lib/private',
  '/var/spool/cron',
  '/var/mail',
  '/var/backups',
  '/var/lib/mcp-one',
  '/var/log/mcp-one',
  '/var/cache/mcp-one',
]
