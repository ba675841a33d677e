import { z } from 'zod';
import { type Json, type JsonObject } from '../../lib/json.js';
import { fieldFormat } from '../adapter.js';
import { cutText } from '../cut-text.js';
import { DUE_PROBLEM, readDueTime } from '../due-time.js';
import { type Exchange, type Receipt, refuse } from '../exchange.js';
import { makeOnce } from '../made-once.js';
import { asRichText, saysTheSame } from '../rich-text.js';
import { textOf } from '../text-of.js';
import { contactInput, contactPath, idIn, idInput, isGone, objectsIn } from './gohighlevel-api.js';
import { MAX_BODY } from './note.js';

const MAX_TITLE = 255;

export const createTaskInput = z.strictObject({
  contact: contactInput,
  title: z.string().min(1).describe('What is to be done'),
  body: fieldFormat('html', z.string().optional()).describe('More about it; HTML'),
  due: z
    .string()
    .default('1 day')
    .describe('A date, a date and time (UTC unless it says otherwise), or how long from now; default 1 day'),
  assigned_to: idInput.optional().describe('Id of the user who is to do it'),
});

/** Creates one task for the call, or rewrites the one that an earlier revision of it left. */
export async function createTask(exchange: Exchange): Promise<Receipt> {
  const { now, input } = exchange.request;
  const path = contactPath(input.contact, 'tasks');
  const id = await makeOnce(exchange, {
    what: 'task',
    // Whether it is done is for people to say.
    onMade: async (made, begunAt) => {
      const request = { method: 'PUT', path: `${path}/${encodeURIComponent(made)}` } as const;
      const answer = await exchange.write({ ...request, json: taskOf(input, begunAt), accept: [400, 404] });
      return isGone(answer, now) ? null : made;
    },
    look: async (begunAt) => {
      const wanted = taskOf(input, begunAt);
      const same = objectsIn(await exchange.read({ path }), 'tasks').find((task) => isSame(task, wanted));
      return typeof same?.id === 'string' ? same.id : null;
    },
    make: async (begunAt) => {
      const json = { ...taskOf(input, begunAt), completed: false };
      return idIn(await exchange.write({ path, json }), 'task');
    },
  });
  return { id };
}

interface Task extends JsonObject {
  title: string;
  dueDate: string;
}

/** A wait counts from the first attempt, so that every attempt asks for the same task. */
function taskOf({ title, body, due, assigned_to }: JsonObject, begunAt: number): Task {
  const time = readDueTime(textOf(due), begunAt) ?? refuse(`due ${DUE_PROBLEM}`);
  return {
    title: cutText(textOf(title), MAX_TITLE),
    ...(typeof body === 'string' && body !== '' && { body: asRichText(body, MAX_BODY) }),
    dueDate: new Date(time.at).toISOString(),
    ...(assigned_to !== undefined && { assignedTo: assigned_to }),
  };
}

/** Tasks are listed without the time of their making; two that agree in all this are one. */
function isSame({ title, body, dueDate }: Record<string, Json>, wanted: Task): boolean {
  return (
    textOf(title).trim() === wanted.title.trim() &&
    saysTheSame(textOf(body), textOf(wanted.body)) &&
    Date.parse(textOf(dueDate)) === Date.parse(wanted.dueDate)
  );
}
