// A deploy that a command began, to be followed.
export interface Begun {
  readonly worker: string;
  readonly number: number;
}
