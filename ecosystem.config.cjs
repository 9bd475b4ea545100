// For PM2: `pm2 start ecosystem.config.cjs`, or `--only ingress,ops` of it. One app a file of workers/, by its name.
const app = (name, more = {}) => ({
  name,
  script: `workers/${name}.ts`,
  cwd: __dirname,
  interpreter: 'node',
  interpreter_args: '--import tsx',
  exec_mode: 'fork',
  instances: 1,
  // A worker says `ready` when it takes work, and has 25 s to finish what it holds when told to stop.
  wait_ready: true,
  listen_timeout: 20_000,
  kill_timeout: 28_000,
  // One that cannot start (a wrong setting, an unsafe Redis) is tried again at growing distances, not in a tight loop.
  exp_backoff_restart_delay: 1_000,
  ...more,
})

module.exports = {
  apps: [
    app('ingress'),
    app('order-sync', { instances: Number(process.env.ORDER_SYNC_INSTANCES || 1) }),
    app('alerts', { instances: Number(process.env.ALERTS_INSTANCES || 1) }),
    app('scheduler'),
    app('ops'),
  ],
}
