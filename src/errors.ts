/** Every error that a caller may be told of, with the status it answers. */
export const ERROR_STATUS = {
  invalid_request: 400,
  invalid_path: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  unknown_provider: 404,
  model_not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  unprocessable: 422,
  rate_limited: 429,
  header_too_large: 431,
  internal: 500,
  upstream_failed: 502,
  no_key_available: 503,
  provider_unavailable: 503,
  store_unavailable: 503,
  upstream_timeout: 504,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

export interface AppErrorOptions {
  /** More fields of the error object, e.g. the counts of keys by state. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Whole seconds after which a new try makes sense: sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** An error that the caller is told of; its message is safe to show. Anything else answers "Internal error". */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** Any thrown value as an `AppError`; what is not one is hidden behind "Internal error". */
export function toAppError(thrown: unknown): AppError {
  return thrown instanceof AppError ? thrown : new AppError("internal", "Internal error", { cause: thrown });
}
