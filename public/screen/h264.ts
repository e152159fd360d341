/** The number of H.264 among the encodings (RFC 6143 and its registry). */
export const H264 = 50;

/** Browsers decode H.264 more or less; one that failed to is spared it as long as the page is open. */
export class H264Switch {
  #hasFailed = false;

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  fail(): void {
    this.#hasFailed = true;
  }

  /** The encodings that a server may use. */
  filter(encodings: readonly number[]): readonly number[] {
    return this.#hasFailed ? encodings.filter((encoding) => encoding !== H264) : encodings;
  }
}

/** This page's; it has one target only. */
export const h264 = new H264Switch();
