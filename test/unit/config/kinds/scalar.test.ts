import {
  boolean,
  duration,
  integer,
  positiveDuration,
  positiveInteger,
} from '../../../../src/config/kinds/scalar.ts'
import { accepts, refuses, warns } from './kind-cases.ts'

accepts('a boolean', boolean, [
  [true, true],
  [false, false],
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((raw) => [raw, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False', ''].map((raw) => [raw, false] as const),
  [1n, true],
  [0n, false],
  [0.5, true],
])
refuses('a boolean', boolean, [
  ['yes', /not a boolean/],
  ['on', /not a boolean/],
  ['tRUE', /not a boolean/],
  [['true'], /not a boolean/],
])

accepts('an integer', integer, [
  [7n, 7],
  [7, 7],
  ['7', 7],
  ['0x10', 16],
  ['0b11', 3],
  ['0o17', 15],
])
refuses('an integer', integer, [
  ['', /whole number/],
  ['-1', /whole number/],
  [-1n, /whole number/],
  [1.5, /whole number/],
  ['1e3', /whole number/],
  [2n ** 64n, /whole number/],
  [true, /whole number/],
  [['1'], /whole number/],
])

accepts('a duration', duration, [
  ['1h30m', 5_400_000],
  ['0', 0],
  ['1ns', 1],
  [0n, 0],
  [1_000_000n, 1],
  [3_600_000_000_000n, 3_600_000],
  [1.5e9, 1500],
])
warns('a duration', duration, [[60n, /bare number, which means nanoseconds, and counts as 1ms/]])
refuses('a duration', duration, [
  ['', /not a duration/],
  ['60', /not a duration/],
  ['1d', /not a duration/],
  ['-1s', /negative/],
  [-5n, /negative/],
  [true, /not a duration/],
  [['1s'], /not a duration/],
])

accepts('a timeout', positiveDuration, [['10s', 10_000]])
refuses('a timeout', positiveDuration, [['0s', /longer than zero/]])

accepts('a size', positiveInteger, [['64', 64]])
refuses('a size', positiveInteger, [
  [0, /more than zero/],
  ['-1', /not a whole number/],
])
