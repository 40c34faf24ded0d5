import type { TestContext } from 'node:test'

/** What a starter needs of a test: a place to leave its cleaning up. */
export type Cleanup = Pick<TestContext, 'after'>

type Task = () => unknown

const left = new WeakMap<Cleanup, Task[]>()

/**
 * Leaves a task for the end of the test, the latest to be done first, and each one whatever another
 * throws. (node:test's own hooks go in the order of their making, and one that throws ends them: a
 * folder would go before the program that writes to it, and the program stay.)
 */
export function afterTest(t: Cleanup, task: Task): void {
  const known = left.get(t)
  if (known) {
    known.push(task)
    return
  }
  const tasks = [task]
  left.set(t, tasks)
  t.after(() => runAll(tasks))
}

/** The same outside a test: `run` does what was left. */
export function createCleanup(): Cleanup & { run(): Promise<void> } {
  const tasks: Task[] = []
  return {
    after(task) {
      if (task) tasks.push(task as Task)
    },
    run: () => runAll(tasks),
  }
}

async function runAll(tasks: Task[]): Promise<void> {
  const errors: unknown[] = []
  for (let task = tasks.pop(); task; task = tasks.pop()) {
    try {
      await task()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors)
}
