// What went wrong last, where the button that caused it has no place to say so.
import { signal } from "@preact/signals";
import { ApiError } from "../api/api.ts";

const failure = signal<Error | null>(null);

export function fail(error: Error): void {
  failure.value = error;
}

export function Failure() {
  const error = failure.value;
  if (error === null) return null;
  const put = () => {
    failure.value = null;
  };
  return (
    <div class="notice bad floating" role="alert">
      <div>
        <p>{error.message}</p>
        {error instanceof ApiError && error.requestId !== null && (
          <p class="soft small">
            Request <code>{error.requestId}</code>
          </p>
        )}
      </div>
      <button type="button" class="button quiet" onClick={put} aria-label="Put this message away">
        ✕
      </button>
    </div>
  );
}
