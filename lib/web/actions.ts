import type { Request } from 'express';
import { messageOf } from '../errors.ts';
import type { Target } from '../target/target.ts';

/** A button of the host's in the toolbar of a console, such as "Power on". */
export interface Action {
  /** What its address calls it: lower-case letters, digits and hyphens. */
  readonly id: string;
  /** What the button says. */
  readonly label: string;
  /** A symbol of `views/icons.ejs`, without its `icon-`. @default 'action' */
  readonly icon?: string;
  /** Asked before it is done; `{name}` stands for the console's label. @default nothing is asked */
  readonly confirm?: string;
  /** Does it, for a viewer who may open this console. Its message is shown to them. */
  readonly run: (
    req: Request,
    target: Target,
    name: string,
  ) => ActionResult | Promise<ActionResult>;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing has that type
type ActionResult = void | undefined | { readonly message?: string };

/** What the browser is answered, and what the log is told. */
export interface ActionOutcome {
  readonly status: 200 | 500 | 504;
  readonly body: { readonly message?: string; readonly error?: string };
  /** Why it failed, for the log only. */
  readonly detail?: string;
}

/** More would not fit a note on the page. */
const MAX_MESSAGE_LENGTH = 500;

const LATE = Symbol('late');

/** Runs an action and gives it so long (milliseconds). Never rejects. */
export async function runAction(
  action: Action,
  [req, target, name]: Parameters<Action['run']>,
  limit: number,
): Promise<ActionOutcome> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<typeof LATE>((resolve) => {
      timer = setTimeout(resolve, limit, LATE);
    });
    const result = await Promise.race([action.run(req, target, name), late]);
    if (result === LATE) {
      const detail = `no answer within ${limit} ms`;
      return { status: 504, body: { error: 'The action did not finish in time.' }, detail };
    }
    const message = result?.message;
    if (typeof message !== 'string') return { status: 200, body: {} };
    return { status: 200, body: { message: message.slice(0, MAX_MESSAGE_LENGTH) } };
  } catch (error) {
    return { status: 500, body: { error: 'The action failed.' }, detail: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}
