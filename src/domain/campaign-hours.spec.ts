import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Json, type JsonObject } from '../lib/json.js';
import { WEEKDAYS } from './calendar.js';
import { campaignHours } from './campaign-hours.js';

const hours = (from: Json, to: Json, days: Json) =>
  campaignHours(
    { allowed_hours_start_time: from, allowed_hours_end_time: to, allowed_days: days },
    'America/New_York',
  )?.open ?? null;
const nineToFive = [{ fromMinute: 540, toMinute: 1020 }];

describe('campaignHours', () => {
  it('reads the campaign of a call as the vendor sends it', () => {
    const file = new URL('../../test/fixtures/autocalls/completed-campaign.json', import.meta.url);
    const call = JSON.parse(readFileSync(file, 'utf8')) as { lead: { campaign: JsonObject } };
    expect(campaignHours(call.lead.campaign, 'Europe/Vienna')).toEqual({
      open: { mon: nineToFive, tue: nineToFive, wed: nineToFive, thu: nineToFive, fri: nineToFive },
      timezone: 'Europe/Vienna',
      holidays: [],
    });
  });

  it.each<[Json, Json]>([
    ['9:00', '17:00'],
    ['09:00:00', '17:00:00.000000'],
    [9, 17],
    ['9', '17'],
    ['9 am', '5:00 PM'],
    [' 09.00 ', '5 p.m.'],
  ])('reads %j to %j', (from, to) => {
    expect(hours(from, to, ['monday'])).toEqual({ mon: nineToFive });
  });

  it.each<[Json]>([
    [['monday', 'sunday']],
    [['Mon', 'SUN']],
    [[1, 7]],
    [['1', 0]],
    ['Monday, Sunday'],
    [{ 0: 'monday', 2: 'sunday' }],
    [{ monday: true, tuesday: false, sunday: true }],
    [['monday', 'sunday', 'someday', null, 9]],
  ])('reads the days %j', (days) => {
    expect(hours('09:00', '17:00', days)).toEqual({ mon: nineToFive, sun: nineToFive });
  });

  it('takes every day where none can be read, and the whole day where no hours can', () => {
    for (const days of [[], null, 'whenever', [null], 3])
      expect(Object.keys(hours('09:00', '17:00', days) ?? {})).toHaveLength(7);
    expect(hours(null, 'noon', ['mon'])).toEqual({ mon: [{ fromMinute: 0, toMinute: 1440 }] });
    expect(hours('08:00', null, ['mon'])).toEqual({ mon: [{ fromMinute: 480, toMinute: 1440 }] });
    expect(hours('00:00', '00:00', ['mon'])).toEqual({ mon: [{ fromMinute: 0, toMinute: 1440 }] });
  });

  it('reaches over midnight', () => {
    expect(hours('22:00', '02:00', ['mon'])).toEqual({
      mon: [{ fromMinute: 1320, toMinute: 1440 }],
      tue: [{ fromMinute: 0, toMinute: 120 }],
    });
  });

  it.each<[Json | undefined]>([
    [undefined],
    [null],
    [[]],
    [{}],
    ['9-17'],
    [{ allowed_hours_start_time: '25:00', allowed_days: [] }],
    [{ allowed_hours_start_time: '13 pm', allowed_hours_end_time: -1 }],
  ])('is null where nothing can be read: %j', (campaign) => {
    expect(campaignHours(campaign, 'UTC')).toBeNull();
  });

  it('never throws, and opens only at hours that exist', () => {
    const value = fc.oneof(fc.jsonValue(), fc.stringMatching(/^\d{1,2}[:.]\d{2}( ?[ap]m)?$/));
    fc.assert(
      fc.property(value, value, fc.oneof(value, fc.array(fc.constantFrom(...WEEKDAYS))), (from, to, days) => {
        const open = hours(from as Json, to as Json, days as Json) ?? {};
        for (const { fromMinute, toMinute } of Object.values(open).flat())
          expect(fromMinute >= 0 && fromMinute < toMinute && toMinute <= 1440).toBe(true);
      }),
    );
  });
});
