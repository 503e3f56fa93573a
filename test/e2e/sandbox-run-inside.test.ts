import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Account, packageRoot, users } from './sandbox-run.ts'

for (const user of users()) {
  t.test(`as ${user.name}`, async (t) => {
    t.test('nothing of the host is writable, and home and data are not visible', async (t) => {
      const account = new Account(t, user)
      writeFileSync(join(account.home, 'data'), 'data of the host')
      const { stdout } = await account.sh(
        [],
        `cat ${account.home}/data; ls /root /srv; for p in / /usr /etc /var /dev; do touch $p/x && echo WROTE $p; done; touch ~/x /tmp/x /dev/shm/x && echo private`,
      )
      t.equal(stdout, 'private\n')
    })

    t.test('a granted path is there with the right that was granted, nested ones too', async (t) => {
      const account = new Account(t, user)
      const outer = account.folder('outer')
      const readable = account.folder('outer/readable')
      const writable = account.folder('outer/readable/writable')
      const { stdout } = await account.sh(
        ['--rw', outer, '--ro', readable, '--rw', writable],
        `for p in ${outer} ${readable} ${writable}; do touch $p/x && echo $p; done; mv ${readable} ${outer}/away && echo MOVED; ls ${account.home}`,
      )
      t.equal(stdout, `${outer}\n${writable}\nouter\n`)
      t.ok(existsSync(join(writable, 'x')))
      t.notOk(existsSync(join(readable, 'x')))
    })

    t.test('a granted path that is a symbolic link leads where it led at the start', async (t) => {
      const account = new Account(t, user)
      const real = account.folder('real')
      await account.sh(['--rw', account.home], `ln -s ${real} ${account.home}/link`)
      const { stdout } = await account.sh(
        ['--rw', join(account.home, 'link')],
        `echo text > ${account.home}/link/file && cat ${real}/file`,
      )
      t.equal(stdout, 'text\n')
    })

    t.test('there is no way to the network but loopback', async (t) => {
      const account = new Account(t, user)
      const script =
        'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{require("net").connect(s.address().port).on("connect",()=>{console.log("loopback");require("net").connect(80,"192.0.2.1").on("error",e=>{console.log(e.code);process.exit()})})})'
      t.match(await account.run(['--', 'node', '-e', script]), { stdout: 'loopback\nENETUNREACH\n' })
    })

    t.test('the environment is built from nothing, and MCPO_* is never inherited', async (t) => {
      const account = new Account(t, user)
      const environment = { SECRET: 'in the environment', MCPO_TOKEN: 'token', COLOR: 'green' }
      const clean = await account.run(['--env', 'MINE=1', '--', 'env'], { environment })
      t.match(clean.stdout, /^MINE=1$/m)
      t.match(clean.stdout, /^HOME=\/home\/mcp$/m)
      t.notMatch(clean.stdout, /SECRET|MCPO|COLOR/)
      const inherited = await account.run(['--env-inherit', '--', 'env'], { environment })
      t.match(inherited.stdout, /^COLOR=green$/m)
      t.notMatch(inherited.stdout, /MCPO/)
    })

    t.test('only its own processes are visible, and their number is limited', async (t) => {
      const account = new Account(t, user)
      const { stdout } = await account.sh([], 'ls /proc | grep -c "^[0-9]"; id -u')
      t.match(stdout, /^[2-6]\n1000\n$/)
      const crowd = await account.sh(
        ['--max-pids', '16'],
        'i=0; while [ $i -lt 40 ]; do sleep 5 & i=$((i+1)); done; wait',
      )
      t.match(crowd.stderr, /fork|Resource temporarily unavailable/)
    })

    t.test('interpreters and npm-installed servers start without any path added', async (t) => {
      const account = new Account(t, user)
      t.match(await account.run(['--', 'node', '-p', '1+1']), { code: 0, stdout: '2\n' })
      t.match(await account.run(['--', 'python3', '-c', 'import ssl, sqlite3; print(2)']), { code: 0, stdout: '2\n' })
      const input = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } } })}\n`
      const everything = join(packageRoot, 'node_modules/.bin/mcp-server-everything')
      t.match(await account.run(['--', everything], { input }), { stdout: /"serverInfo"/ })
      const filesystem = join(packageRoot, 'node_modules/@modelcontextprotocol/server-filesystem/dist/index.js')
      const granted = account.folder('granted')
      t.match(await account.run(['--ro', granted, '--', 'node', filesystem, granted], { input }), {
        stdout: /"serverInfo"/,
      })
    })
  })
}
