import assert from "node:assert/strict";
import test from "node:test";

import { cellText, fullText, isBad, marked, partialText, product, realText, shorten, sum } from "../src/numbers";

test("numbers have four digits, and an exponent where they are small or large", () => {
  const pairs: [number, string][] = [
    [0, "0"],
    [5.5, "5.5"],
    [11.652071455223084, "11.65"],
    [-0.2836621854632263, "-0.2837"],
    [0.01, "0.01"],
    [-0.009876543, "-9.877e-3"],
    [12345, "12345"],
    [123456.7, "1.235e5"],
    [1e-300, "1e-300"],
  ];
  for (const [number, text] of pairs) assert.equal(realText(number), text);
});

test("what is no finite number is said", () => {
  assert.deepEqual(["NaN", "∞", "-∞", "–"], (["nan", "inf", "-inf", null] as const).map(realText));
  assert.ok(isBad("nan") && isBad({ re: 1, im: "inf" }) && !isBad(1) && !isBad(null));
  assert.equal(cellText({ re: 1, im: -2 }), "1-2i");
  assert.equal(fullText(0.1 + 0.2), "0.30000000000000004");
});

test("products and sums know complex numbers, NaN, and what is not known", () => {
  assert.equal(product(2, 0.5), 1);
  assert.equal(product("inf", 0), "nan");
  assert.deepEqual({ re: -1, im: 3 }, product({ re: 1, im: 1 }, { re: 1, im: 2 }));
  assert.equal(product(2, null), null);
  assert.equal(sum([1, 2, "inf"]), "inf");
  assert.equal(sum([1, null]), null);
});

test("texts are cut between words, never within a number", () => {
  assert.equal(shorten("x1 * x2", 7), "x1 * x2");
  assert.equal(shorten("x1 * 0.00123456", 12), "x1 * …");
  assert.equal(shorten("exp(v12) + 1.5e-10", 17), "exp(v12) + …");
  assert.equal(marked("v12", "forward"), "v\u030712");
  assert.equal(marked("x_1[0]", "reverse"), "x\u0304_1[0]");
  assert.equal(marked("params['w']", "forward"), "d params['w']");
  assert.equal(marked("rate", "reverse"), "adjoint of rate");
  assert.equal(partialText("cos(x)", 0.25), "cos(x) = 0.25");
  assert.equal(partialText("", -1), "-1");
});
