/** How an action went, in words for the viewer. */
export interface ActionAnswer {
  readonly message?: string;
  readonly error?: string;
}

const LOST: ActionAnswer = { error: 'The console server could not be reached.' };
const SIGNED_OUT: ActionAnswer = {
  error: 'Your sign-in has ended. Reload the page to sign in again.',
};

/** The address of an action, beside the relay's and as relative. */
export function actionUrl(relay: string, id: string): string {
  return `actions/${id}${relay.slice(relay.indexOf('?'))}`;
}

/** What the answer to an action means; the app in front of us may have answered in our place. */
export function actionAnswer(status: number, body: unknown): ActionAnswer {
  const { message, error } = (typeof body === 'object' && body ? body : {}) as ActionAnswer;
  if (typeof error === 'string') return { error };
  // 0 is a redirect that was not followed: an app's way to its login page.
  if (status === 401 || status === 0) return SIGNED_OUT;
  if (status !== 200 || body === null) return { error: 'The action failed.' };
  return typeof message === 'string' ? { message } : {};
}

/** Asks the server to run an action on this console. Never rejects. */
export async function requestAction(relay: string, id: string): Promise<ActionAnswer> {
  try {
    const response = await fetch(actionUrl(relay, id), {
      method: 'POST',
      headers: { 'X-Express-Novnc': '1' },
      redirect: 'manual',
      cache: 'no-store',
    });
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return actionAnswer(response.status, isJson ? await response.json() : null);
  } catch {
    return LOST;
  }
}
