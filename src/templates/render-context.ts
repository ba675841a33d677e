import { Context, Drop, type Liquid } from 'liquidjs';
import { type JsonObject } from '../lib/json.js';
import { ESCAPERS, type Escape, isJsonFormat } from './escape.js';
import { CaptureEmitter, JsonEmitter, type TemplateEmitter, TextEmitter } from './emitters.js';
import { LIMITS } from './limits.js';

/**
 * What an output does whose variable is missing: `hold` and `empty` print nothing (a caller that holds throws
 * the text away), `mark` prints `[missing: path]`.
 */
export type OnMissing = 'hold' | 'mark' | 'empty';

/** What templates may read of `forloop`; anything else would reach methods of the engine's own objects. */
const LOOP_PROPERTIES = new Set(['index', 'index0', 'rindex', 'rindex0', 'first', 'last', 'length']);

/** One rendering: the data, the paths found missing, and a budget that does not depend on the clock. */
export class RenderContext extends Context {
  readonly missing: string[] = [];
  #steps = 0;

  constructor(
    data: JsonObject,
    liquid: Liquid,
    readonly escape: Escape,
    readonly onMissing: OnMissing,
  ) {
    super(data, liquid.options, { sync: true }, { liquid });
    const { renderLimit } = this;
    const checkTime = renderLimit.check.bind(renderLimit);
    renderLimit.check = (now) => {
      if (++this.#steps > LIMITS.steps) throw new Error(`rendering takes more than ${LIMITS.steps} steps`);
      checkTime(now);
    };
  }

  override readProperty(obj: object, key: string | number | Drop): unknown {
    if (obj instanceof Drop && (typeof key !== 'string' || !LOOP_PROPERTIES.has(key))) return undefined;
    return super.readProperty(obj, key) as unknown;
  }

  noteMissing(path: string): void {
    if (!this.missing.includes(path)) this.missing.push(path);
  }

  newEmitter(): TemplateEmitter {
    const escape = ESCAPERS[this.escape];
    return isJsonFormat(this.escape) ? new JsonEmitter(escape) : new TextEmitter(escape);
  }

  /** JSON cannot tell where captured text will stand, so there it stays plain and is escaped when printed. */
  newCapture(): CaptureEmitter {
    return new CaptureEmitter(ESCAPERS[isJsonFormat(this.escape) ? 'text' : this.escape]);
  }
}
