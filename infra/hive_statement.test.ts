import { describe, expect, it } from 'vitest';
import {
  dayPartitions,
  fillHive,
  hexDigits,
  hiveDay,
  hiveInteger,
  hiveJoined,
  hiveLocation,
  hivePiece,
  offsetsByDay,
  offsetsOf,
  text,
} from './hive_statement.ts';

describe('fill', () => {
  it('puts checked values in their places', () => {
    const values = {
      day: hiveDay('2021-01-31'),
      run: hiveInteger(3),
      location: hiveLocation('/data/archive/runs/dt=2021-01-31'),
    };
    expect(fillHive('PARTITION (dt = {day}, run = {run}) LOCATION {location};\n', values)).toBe(
      "PARTITION (dt = '2021-01-31', run = 3) LOCATION 'file:///data/archive/runs/dt=2021-01-31'",
    );
  });

  it('refuses a name without a value and a value without a place', () => {
    expect(() => fillHive('{day}', {})).toThrow('no value for {day}');
    expect(() => fillHive('', { day: hiveDay('2021-01-31') })).toThrow('no place for day');
  });
});

it('gives each day its own offsets', () => {
  const cuts = new Map([
    ['2021-01-30', { 'clicks-0': 12 }],
    ['2021-01-31', {}],
  ]);
  expect(fillHive('{cut}', { cut: offsetsByDay(cuts) })).toBe(
    "CASE dt WHEN '2021-01-30' THEN CASE topic_partition WHEN 'clicks-0' THEN 12 ELSE 0 END WHEN '2021-01-31' THEN 0 ELSE 0 END",
  );
  expect(() => offsetsByDay(new Map([["2021-01-31' OR", {}]]))).toThrow('is no day');
});

describe('offsetsOf', () => {
  it.each([
    [{}, '0'],
    [
      { 'clicks-0': 12, 'clicks.eu-1': 0 },
      "CASE topic_partition WHEN 'clicks-0' THEN 12 WHEN 'clicks.eu-1' THEN 0 ELSE 0 END",
    ],
  ])('%j', (cut, text) => expect(fillHive('{cut}', { cut: offsetsOf(cut as Record<string, number>) })).toBe(text));
});

it('dayPartitions names a folder for each day', () => {
  const days = dayPartitions([
    { day: '2021-01-01', path: '/a/dt=2021-01-01' },
    { day: '2021-01-02', path: '/a/dt=2021-01-02' },
  ]);
  expect(fillHive('{days}', { days })).toBe(
    "PARTITION (dt = '2021-01-01') LOCATION 'file:///a/dt=2021-01-01'\nPARTITION (dt = '2021-01-02') LOCATION 'file:///a/dt=2021-01-02'",
  );
});

it.each([
  ["o'user", "decode(unhex('6f2775736572'), 'UTF-8')"],
  ["\\' OR 1 = 1 --", "decode(unhex('5c27204f522031203d2031202d2d'), 'UTF-8')"],
  ['é😀', "decode(unhex('c3a9f09f9880'), 'UTF-8')"],
])('text %j becomes hexadecimal digits only', (any, sql) => expect(fillHive('{any}', { any: text(any) })).toBe(sql));

it('fragments are composed from fragments', () => {
  const either = hiveJoined([hivePiece`a = ${hiveInteger(1)}`, hivePiece`b = ${hexDigits('0f')}`], ' OR ');
  expect(fillHive('WHERE {either}', { either })).toBe("WHERE a = 1 OR b = '0f'");
});

it.each([
  () => hexDigits("0' OR '"),
  () => hexDigits(''),
  () => hiveDay("2021-01-01' OR '1' = '1"),
  () => hiveDay('2021-02-30'),
  () => hiveInteger(1.5),
  () => hiveInteger(Number.NaN),
  () => hiveInteger(2 ** 60),
  () => hiveLocation("/data/it's"),
  () => hiveLocation('/data/a b'),
  () => hiveLocation('relative'),
  () => hiveLocation('/data/{day}'),
  () => offsetsOf({ "x'-1": 1 }),
  () => offsetsOf({ clicks: 1 }),
  () => offsetsOf({ 'clicks-1': -0.5 }),
])('refuses an invalid value: %s', (make) => expect(make).toThrow());
