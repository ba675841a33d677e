import { parentPort, workerData } from 'node:worker_threads';
import { SqliteEngine, type SqliteEngineOptions } from './engine.js';
import { type Answer, type Reply, type Request, toAnswer, toFailure, unpackWrites } from './messages.js';

/** The engine on a thread of its own, spoken to by `openThreaded`. */
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread');

const send = (reply: Reply): void => port.postMessage(reply);

function answer(engine: SqliteEngine, request: Request): Answer {
  try {
    switch (request.do) {
      case 'apply':
        return { value: engine.apply(unpackWrites(request)).map(toAnswer) };
      case 'query':
        return { value: engine.query(request.read) };
      case 'close':
        engine.close();
        return { value: null };
    }
  } catch (error) {
    return toFailure(error);
  }
}

try {
  const engine = await SqliteEngine.open(workerData as SqliteEngineOptions);
  port.on('message', (request: Request) => {
    send({ id: request.id, ...answer(engine, request) });
    if (request.do === 'close') port.close();
  });
  send({ id: 0, value: null });
} catch (error) {
  send({ id: 0, ...toFailure(error) });
}
