import { readFileSync } from "node:fs";

/** The most memory that a process ever held, in MB; NaN where the system has no /proc. */
export function readPeakRssMb(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
  } catch {
    return Number.NaN;
  }
}
