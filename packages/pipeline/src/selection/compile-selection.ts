import { AstrolabelError } from '@astrolabel/spectra'
import type { BinaryOperator, Clause, Expression, Selection } from './parse-selection.js'
import type { SelectionRows } from './selection-rows.js'

/** Value of an expression in a row: a number, a text, or NaN where it is missing or cannot be told. */
type Value = number | string
type Evaluate = (row: number) => Value

/** A clause, ready to be asked for each row: 1 it holds, 0 it does not, NaN it cannot be told. */
export interface CompiledClause {
  readonly text: string
  readonly holds: (row: number) => number
}

/**
 * Make a selection ready for the rows of a table.
 *
 * What is missing makes a comparison unknown, and `not` of unknown is unknown, as in SQL: a star without the value is
 * never selected by a condition on it, however the condition is turned.
 *
 * @throws `table/no-column`, `selection/no-flags` and `flags/unknown`, listing what there is; `selection/type` when
 * texts are compared with numbers or calculated with.
 */
export function compileSelection(selection: Selection, rows: SelectionRows): CompiledClause[] {
  return selection.clauses.map((clause) => compileClause(clause, rows))
}

function compileClause({ text, expression }: Clause, rows: SelectionRows): CompiledClause {
  const evaluate = compile(expression, rows)
  return { text, holds: (row) => truth(evaluate(row), text) }
}

function compile(expression: Expression, rows: SelectionRows): Evaluate {
  switch (expression.kind) {
    case 'number':
    case 'text': {
      const { value } = expression
      return () => value
    }
    case 'column':
      return rows.column(expression.name)
    case 'flag':
      return rows.flag(expression.column, expression.flag)
    case 'missing': {
      const operand = compile(expression.operand, rows)
      return (row) => (isMissing(operand(row)) ? 1 : 0)
    }
    case 'not': {
      const operand = compile(expression.operand, rows)
      return (row) => 1 - truth(operand(row), 'not')
    }
    case 'negate': {
      const operand = compile(expression.operand, rows)
      return (row) => -number(operand(row), '-')
    }
    case 'abs': {
      const operand = compile(expression.operand, rows)
      return (row) => Math.abs(number(operand(row), 'abs'))
    }
    case 'binary':
      return binary(expression.operator, compile(expression.left, rows), compile(expression.right, rows))
  }
}

function binary(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  switch (operator) {
    case 'and':
      // Unknown and false is false: NaN only when nothing decides.
      return (row) => {
        const a = truth(left(row), operator)
        const b = truth(right(row), operator)
        return a === 0 || b === 0 ? 0 : a * b
      }
    case 'or':
      return (row) => {
        const a = truth(left(row), operator)
        const b = truth(right(row), operator)
        return a === 1 || b === 1 ? 1 : Math.max(a, b)
      }
    case '+':
      return (row) => number(left(row), operator) + number(right(row), operator)
    case '-':
      return (row) => number(left(row), operator) - number(right(row), operator)
    case '*':
      return (row) => number(left(row), operator) * number(right(row), operator)
    case '/':
      return (row) => number(left(row), operator) / number(right(row), operator)
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '==':
    case '!=':
      return (row) => compare(operator, left(row), right(row))
  }
}

function compare(operator: '<' | '<=' | '>' | '>=' | '==' | '!=', a: Value, b: Value): number {
  if (isMissing(a) || isMissing(b)) return Number.NaN
  if (typeof a !== typeof b) throw wrongType(operator, `${show(a)} and ${show(b)}`, 'two numbers or two texts')
  switch (operator) {
    case '<':
      return Number(a < b)
    case '<=':
      return Number(a <= b)
    case '>':
      return Number(a > b)
    case '>=':
      return Number(a >= b)
    case '==':
      return Number(a === b)
    case '!=':
      return Number(a !== b)
  }
}

function isMissing(value: Value): boolean {
  return value === '' || Number.isNaN(value)
}

/** A value as a condition: 1, 0 or NaN. */
function truth(value: Value, where: string): number {
  if (typeof value === 'string' || (value !== 0 && value !== 1 && !Number.isNaN(value))) {
    throw wrongType(where, show(value), 'a condition such as snr > 50')
  }
  return value
}

function number(value: Value, operator: string): number {
  if (typeof value === 'string') throw wrongType(operator, show(value), 'numbers')
  return value
}

function show(value: Value): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}

function wrongType(where: string, got: string, expected: string): AstrolabelError {
  return new AstrolabelError('selection/type', `The selection cannot use this in '${where}'`, { got, expected })
}
