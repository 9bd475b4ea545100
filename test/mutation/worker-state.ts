import { setTimeout as wait } from 'node:timers/promises'

interface Module {
  promise: unknown
  exports: unknown
  evaluated: boolean
  importers: Set<string>
}

interface WorkerState {
  evaluatedModules: { idToModuleMap: Map<string, Module> }
}

/** vitest keeps the state of a worker in one global variable; no interface of its own gives it away. */
const workerState = (): WorkerState => Reflect.get(globalThis, '__vitest_worker__') as WorkerState

/** Lets modules of the program and its tests be loaded again when they are next imported; libraries stay. */
export function forgetModules(which: (path: string) => boolean): void {
  for (const [path, module] of workerState().evaluatedModules.idToModuleMap) {
    if (/\/node_modules\/|\/test\/mutation\//.test(path) || !which(path)) continue
    module.promise = undefined
    module.exports = undefined
    module.evaluated = false
    module.importers.clear()
  }
}

/** How many sockets, servers and child processes of this process are open. */
export const leftOpen = (): number =>
  process.getActiveResourcesInfo().filter(kind => /^(TCP|Pipe|Process)/.test(kind)).length

/** Whether no more is open than that; what was ended just now has a moment to close. */
export async function isClosedTo(before: number): Promise<boolean> {
  for (let tries = 0; tries < 20 && leftOpen() > before; tries++) await wait(5)
  return leftOpen() <= before
}
