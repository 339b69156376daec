import { WarbleError } from "./error";

const RETRY_AFTER = 5;

/** What `work` answers, unless that takes longer than `seconds`. @throws WarbleError UNAVAILABLE */
export function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new WarbleError("UNAVAILABLE", { retryAfter: RETRY_AFTER }));
    const timer = setTimeout(refuse, seconds * 1000);
    void work.then(resolve, reject).then(() => clearTimeout(timer));
  });
}
