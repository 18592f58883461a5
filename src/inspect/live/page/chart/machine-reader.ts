import type { ChartData, MachineData } from '../../../charts/chart-data.js';
import type { Placement } from '../../../charts/placement.js';

/** Reads a machine out of JSON. Throws a TypeError that says where something else stands than was expected. */
export function readMachineData(json: unknown): MachineData {
  const fields = fieldsOf('the machine', json);
  return {
    about: text('about', fields.get('about')),
    chart: readChart(fieldsOf('chart', fields.get('chart'))),
    full: readPlacement('full', fields.get('full')),
    tall: readPlacement('tall', fields.get('tall')),
    wide: readPlacement('wide', fields.get('wide')),
  };
}

type Fields = ReadonlyMap<string, unknown>;

function readChart(fields: Fields): ChartData {
  return {
    states: list('states', fields.get('states'), (at, value) => {
      const state = fieldsOf(at, value);
      return {
        path: text(`${at}.path`, state.get('path')),
        type: optional(`${at}.type`, state.get('type'), text),
        about: optional(`${at}.about`, state.get('about'), text),
        initial: optional(`${at}.initial`, state.get('initial'), text),
        entry: optional(`${at}.entry`, state.get('entry'), texts),
        exit: optional(`${at}.exit`, state.get('exit'), texts),
        invokes: optional(`${at}.invokes`, state.get('invokes'), texts),
      };
    }),
    transitions: list('transitions', fields.get('transitions'), (at, value) => {
      const transition = fieldsOf(at, value);
      return {
        in: text(`${at}.in`, transition.get('in')),
        on: text(`${at}.on`, transition.get('on')),
        if: optional(`${at}.if`, transition.get('if'), text),
        do: optional(`${at}.do`, transition.get('do'), texts),
        to: optional(`${at}.to`, transition.get('to'), texts),
      };
    }),
  };
}

function readPlacement(at: string, json: unknown): Placement {
  const fields = fieldsOf(at, json);
  const row = (name: string) => numbers(`${at}.${name}`, fields.get(name));
  return {
    size: row('size'),
    states: row('states'),
    heads: row('heads'),
    dots: row('dots'),
    anyStates: row('anyStates'),
    arrows: list(`${at}.arrows`, fields.get('arrows'), numbers),
    labels: row('labels'),
  };
}

type Reader<Value> = (at: string, value: unknown) => Value;

const texts: Reader<string[]> = (at, value) => list(at, value, text);
const numbers: Reader<number[]> = (at, value) => list(at, value, number);

function fieldsOf(at: string, value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(at, 'an object');
  return new Map(Object.entries(value));
}

function list<Value>(at: string, value: unknown, read: Reader<Value>): Value[] {
  if (!Array.isArray(value)) throw unexpected(at, 'a list');
  return value.map((entry: unknown, index) => read(`${at}[${index}]`, entry));
}

function text(at: string, value: unknown): string {
  if (typeof value !== 'string') throw unexpected(at, 'a text');
  return value;
}

function number(at: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unexpected(at, 'a number');
  return value;
}

function optional<Value>(at: string, value: unknown, read: Reader<Value>): Value | undefined {
  return value === undefined ? undefined : read(at, value);
}

function unexpected(at: string, what: string): TypeError {
  return new TypeError(`${at}: expected ${what}`);
}
