import assert from "node:assert/strict";
import { test } from "node:test";
import { search, words } from "../src/search.js";

test("words are lower case and free of punctuation", () => {
  assert.deepEqual(words("Where, pray, is Rome?"), ["where", "pray", "is", "rome"]);
});

test("rare words count most", () => {
  assert.equal(search("the capital of Japan")[0], "capital-japan");
  assert.equal(search("Which element is called iron?")[0], "element-fe");
});

test("gives no more than asked for, and nothing for strange words", () => {
  assert.equal(search("capital", 2).length, 2);
  assert.deepEqual(search("xyzzy"), []);
});
