/**
 * What so small an answer or request takes is never refused: connections are bounded, and with them
 * all such bytes together.
 */
export const SMALL_BYTES = 64 * 1024;
/** While others wait for memory, whoever reads or sends more slowly than this is dropped, */
const MOVING_BYTES_PER_SEC = 64 * 1024;
/** and whoever reads or sends nothing for so long. */
const GRACE_MS = 5_000;
const LOOK_MS = 250;

/** A part of the memory, until it is released. */
interface Holding {
  /** More has come, and is held. */
  grow(bytes: number): void;
  /** So many bytes have left, or come in; what is held stays so until all have. */
  note(movedBytes: number): void;
  /** All has come: from here on nobody is slow but ourselves. */
  keep(): void;
  /** Twice is once. */
  release(): void;
}

interface Held {
  bytes: number;
  movedBytes: number;
  readonly beganMs: number;
  movedMs: number;
  /** Ends what holds it; `undefined` for what is being composed here. */
  drop: (() => void) | undefined;
}

interface Waiting {
  readonly bytes: number;
  readonly resolve: (release: (() => void) | undefined) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * The memory of all requests and answers under way, whichever connection or service they belong to.
 * Who wants much of it waits in line or comes again; whoever holds much of it without reading their
 * answer, or sending the rest of their request, has to let go of it then.
 */
export class BytesInFlight {
  readonly #bytesMax: number;
  #bytes = 0;
  readonly #held = new Set<Held>();
  #line: Waiting[] = [];
  /** Until then somebody wants what was refused to them. */
  #wantedUntilMs = 0;
  #looking: NodeJS.Timeout | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes that nobody holds; none below zero. */
  get left(): number {
    return Math.max(0, this.#bytesMax - this.#bytes);
  }

  /** Whether so many bytes can be held now. Where not, room is made for who comes again. */
  hasRoom(bytes: number): boolean {
    if (bytes <= SMALL_BYTES || bytes <= this.left) return true;
    this.#wantedUntilMs = performance.now() + 2 * GRACE_MS;
    this.#look();
    return false;
  }

  hold(bytes: number, drop?: () => void): Holding {
    const beganMs = performance.now();
    const held: Held = { bytes, movedBytes: 0, beganMs, movedMs: beganMs, drop };
    this.#held.add(held);
    this.#bytes += bytes;
    return {
      grow: (more) => {
        held.bytes += more;
        this.#bytes += more;
      },
      note: (movedBytes) => {
        held.movedBytes += movedBytes;
        held.movedMs = performance.now();
      },
      keep: () => {
        held.drop = undefined;
      },
      release: () => {
        if (!this.#held.delete(held)) return;
        this.#bytes -= held.bytes;
        this.#serveLine();
      },
    };
  }

  /**
   * Waits in line until so many bytes are free, and takes them.
   *
   * @returns what gives them back; `undefined` when they did not become free in time.
   */
  reserve(bytes: number, deadlineMs: number): Promise<(() => void) | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => {
          this.#line = this.#line.filter((other) => other !== waiting);
          resolve(undefined);
          this.#serveLine();
        },
        Math.max(0, deadlineMs - performance.now()),
      ).unref();
      const waiting: Waiting = { bytes, resolve, timer };
      this.#line.push(waiting);
      this.#serveLine();
      this.#look();
    });
  }

  #look(): void {
    this.#looking ??= setInterval(() => this.#dropSlow(), LOOK_MS).unref();
  }

  #serveLine(): void {
    for (;;) {
      const [first] = this.#line;
      if (first === undefined || first.bytes > this.left) return;
      this.#line.shift();
      clearTimeout(first.timer);
      const { release } = this.hold(first.bytes);
      first.resolve(release);
    }
  }

  #dropSlow(): void {
    const nowMs = performance.now();
    if (this.#line.length === 0 && nowMs > this.#wantedUntilMs) {
      clearInterval(this.#looking);
      this.#looking = undefined;
      return;
    }
    for (const { drop, bytes, beganMs, movedMs, movedBytes } of [...this.#held]) {
      // What is small frees nothing that anybody waits for.
      if (bytes <= SMALL_BYTES) continue;
      const allowedMs = GRACE_MS + (1_000 * movedBytes) / MOVING_BYTES_PER_SEC;
      if (nowMs - beganMs > allowedMs || nowMs - movedMs > GRACE_MS) drop?.();
    }
  }
}
