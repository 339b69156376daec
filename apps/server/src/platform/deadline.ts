import { WarbleError } from "./error";

const RETRY_AFTER = 5;

/** What `work` answers, unless that takes longer than `seconds`. @throws WarbleError UNAVAILABLE */
export async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const refuse = () => reject(new WarbleError("UNAVAILABLE", { retryAfter: RETRY_AFTER }));
    timer = setTimeout(refuse, seconds * 1000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
