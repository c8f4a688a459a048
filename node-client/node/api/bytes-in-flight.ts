/**
 * What so small an answer or request takes is never refused: connections are bounded, and with them
 * all such bytes together.
 */
export const SMALL_BYTES = 64 * 1024;
/** While others wait for memory, whoever reads more slowly than this is dropped, */
const READING_BYTES_PER_SEC = 64 * 1024;
/** and whoever reads nothing for so long. */
const GRACE_MS = 5_000;
const LOOK_MS = 250;

/** A part of the memory, until it is released. */
export interface Holding {
  /** More has come. */
  grow(bytes: number): void;
  /** So many bytes have left; they stay held until all have. */
  note(sentBytes: number): void;
  /** Twice is once. */
  release(): void;
}

interface Held {
  bytes: number;
  sentBytes: number;
  readonly beganMs: number;
  readMs: number;
  /** Ends what holds it; a request that still comes in has a time limit of its own. */
  readonly drop: (() => void) | undefined;
}

interface Waiting {
  readonly bytes: number;
  readonly resolve: (release: (() => void) | undefined) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * The memory of all requests and answers under way, whichever connection or service they belong to.
 * Who wants much of it waits in line; whoever holds it without reading has to let go of it then.
 */
export class BytesInFlight {
  readonly #bytesMax: number;
  #bytes = 0;
  readonly #held = new Set<Held>();
  #line: Waiting[] = [];
  #looking: NodeJS.Timeout | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes that nobody holds; none below zero. */
  get left(): number {
    return Math.max(0, this.#bytesMax - this.#bytes);
  }

  /** Whether so many bytes can be held now. */
  hasRoom(bytes: number): boolean {
    return bytes <= SMALL_BYTES || bytes <= this.left;
  }

  hold(bytes: number, drop?: () => void): Holding {
    const beganMs = performance.now();
    const held: Held = { bytes, sentBytes: 0, beganMs, readMs: beganMs, drop };
    this.#held.add(held);
    this.#bytes += bytes;
    return {
      grow: (more) => {
        held.bytes += more;
        this.#bytes += more;
      },
      note: (sentBytes) => {
        held.sentBytes += sentBytes;
        held.readMs = performance.now();
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
      this.#looking ??= setInterval(() => this.#dropSlowReaders(), LOOK_MS).unref();
    });
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

  #dropSlowReaders(): void {
    if (this.#line.length === 0) {
      clearInterval(this.#looking);
      this.#looking = undefined;
      return;
    }
    const nowMs = performance.now();
    for (const { drop, beganMs, readMs, sentBytes } of [...this.#held]) {
      const allowedMs = GRACE_MS + (1_000 * sentBytes) / READING_BYTES_PER_SEC;
      if (nowMs - beganMs > allowedMs || nowMs - readMs > GRACE_MS) drop?.();
    }
  }
}
