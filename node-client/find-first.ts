/** The first of `count` places where a condition holds that stays true; `count` if nowhere. */
export function findFirst(count: number, holdsAt: (i: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holdsAt(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
