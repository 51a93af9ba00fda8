/** Things in a row moved apart as little as possible. */

/**
 * Return centres that keep order and distance, nearest to the wanted ones in the sense of
 * weighted least squares (isotonic regression by pooling adjacent violators; Barlow,
 * Bartholomew, Bremner & Brunk 1972).  It favours no side, so repeated use does not drift.
 */
export function spread(
  wanted: number[],
  widths: number[],
  gap: number,
  weights?: number[],
): number[] {
  const offsets: number[] = [];
  let offset = 0;
  const means: number[] = [];
  const masses: number[] = [];
  const sizes: number[] = [];
  for (let k = 0; k < wanted.length; k += 1) {
    if (k > 0) offset += (widths[k - 1] + widths[k]) / 2 + gap;
    offsets.push(offset);
    let mean = wanted[k] - offset;
    let mass = weights?.[k] ?? 1;
    let size = 1;
    while (means.length && means[means.length - 1] >= mean) {
      const other = masses.pop() as number;
      mean = (mean * mass + (means.pop() as number) * other) / (mass + other);
      mass += other;
      size += sizes.pop() as number;
    }
    means.push(mean);
    masses.push(mass);
    sizes.push(size);
  }
  const centres: number[] = [];
  means.forEach((mean, block) => {
    for (let k = 0; k < sizes[block]; k += 1) centres.push(mean + offsets[centres.length]);
  });
  return centres;
}
