import { readFileSync, readdirSync } from 'node:fs'

/**
 * User and system time that a process has used so far: the sum over its threads, to the nanosecond
 * (Linux, Documentation/scheduler/sched-stats.rst). /proc/pid/stat says the same in steps of 10 ms.
 */
export function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const nanoseconds = threads.map((thread) => {
    const [onCpu = ''] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
    return Number(onCpu)
  })
  return nanoseconds.reduce((sum, some) => sum + some, 0) / 1e9
}

/** Memory of a process that is in RAM now (proc(5), /proc/pid/status). */
export function residentMebibytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(status) ?? []
  return Number(kibibytes) / 1024
}
