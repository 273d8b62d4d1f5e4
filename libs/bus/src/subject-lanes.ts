/**
 * Runs tasks with a bound on how many run at once, and those of one subject strictly one after another in
 * the order they came. A task waiting for its subject takes no slot.
 */
export class SubjectLanes {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(concurrency: number) {
    this.#free = concurrency;
  }

  run<T>(subject: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(subject);
    const running = before ? before.then(() => this.#inSlot(task)) : this.#inSlot(task);
    const tail = running.then(ignore, ignore).then(() => {
      if (this.#tails.get(subject) === tail) this.#tails.delete(subject);
    });
    this.#tails.set(subject, tail);
    return running;
  }

  async #inSlot<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}

function ignore(): void {
  // Whoever started the task sees its failure; the lane only needs to know that it ended.
}
