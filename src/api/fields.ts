import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, type TransformFnParams, Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';

/** Longer than any name, phone number, id, time or cursor of ours. */
const MAX_TEXT = 500;

/** Left out it narrows or changes nothing; `null` is no way of leaving it out. */
function optional(options: ApiPropertyOptions, ...rules: PropertyDecorator[]): PropertyDecorator {
  const isGiven = ValidateIf((_object: unknown, value: unknown) => value !== undefined);
  return applyDecorators(ApiPropertyOptional(options), isGiven, ...rules);
}

export function TextField(description: string, example: string): PropertyDecorator {
  return optional({ type: String, description, example }, IsString(), MaxLength(MAX_TEXT));
}

/** In an address that was not encoded, `+` arrives as a space. */
export function PhoneField(description: string): PropertyDecorator {
  const mend = Transform(({ value }: TransformFnParams) => mendPlus(value, /^ (?=\d)/));
  return applyDecorators(mend, TextField(description, '+1987654321'));
}

export function TimeField(description: string): PropertyDecorator {
  const mend = Transform(({ value }: TransformFnParams) => mendPlus(value, / (?=\d\d:?\d\d$)/));
  return applyDecorators(mend, TextField(description, '2025-01-15T11:35:00+01:00'));
}

function mendPlus(value: unknown, space: RegExp): unknown {
  return typeof value === 'string' ? value.replace(space, '+') : value;
}

export function WordField(words: readonly string[], description: string): PropertyDecorator {
  return optional(wordOf(words, description), isOneOf(words));
}

/** One that has to be chosen. */
export function ChoiceField(words: readonly string[], description: string): PropertyDecorator {
  return applyDecorators(ApiProperty(wordOf(words, description)), isOneOf(words));
}

function wordOf(words: readonly string[], description: string): ApiPropertyOptions {
  return { type: String, enum: [...words], description, example: words[0] };
}

function isOneOf(words: readonly string[]): PropertyDecorator {
  return IsIn([...words], { message: `expected ${words.join(', ')}` });
}

/** One word, several with commas, or a list. */
export function WordsField(words: readonly string[], description: string): PropertyDecorator {
  const split = Transform(({ value }: TransformFnParams): unknown =>
    typeof value === 'string' ? value.split(',') : value,
  );
  const message = `expected ${words.join(', ')}, or several of them`;
  return applyDecorators(
    split,
    optional(
      { type: String, enum: [...words], isArray: true, description, example: [words[0]] },
      IsArray({ message }),
      ArrayNotEmpty({ message }),
      IsIn([...words], { each: true, message }),
    ),
  );
}

export function CountField(bounds: { min: number; max: number; default: number }, description: string) {
  const { min, max } = bounds;
  const message = `expected a whole number from ${min} to ${max}`;
  return applyDecorators(
    Type(() => Number),
    optional(
      { type: 'integer', minimum: min, maximum: max, default: bounds.default, description, example: 50 },
      IsInt({ message }),
      Min(min, { message }),
      Max(max, { message }),
    ),
  );
}

export function FlagField(description: string): PropertyDecorator {
  const message = 'expected true or false';
  return optional({ type: Boolean, default: false, description, example: true }, IsBoolean({ message }));
}

/** An object as it is: nothing in it is renamed, dropped or converted. */
export function JsonField(description: string, example: object): PropertyDecorator {
  const whole = Transform(
    ({ obj, key }: TransformFnParams): unknown => (obj as Record<string, unknown>)[key],
  );
  return applyDecorators(
    whole,
    optional(
      { type: 'object', additionalProperties: true, description, example },
      IsObject({ message: 'expected an object' }),
    ),
  );
}
