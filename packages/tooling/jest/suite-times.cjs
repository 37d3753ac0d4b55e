'use strict'
const { writeFileSync } = require('node:fs')

/** Prints how long each suite took, slowest first, and hands the counts to `npm test` for its closing line. */
module.exports = class SuiteTimes {
  onRunComplete(_contexts, results) {
    const rows = results.testResults
      .map((suite) => ({ path: suite.testFilePath, ms: suite.perfStats.end - suite.perfStats.start }))
      .sort((a, b) => b.ms - a.ms)
    for (const { path, ms } of rows) {
      console.log(`${(ms / 1000).toFixed(2).padStart(8)} s  ${path.slice(process.cwd().length + 1)}`)
    }
    const counts = {
      passed: results.numPassedTests,
      // A suite that could not be loaded ran no test, and must not pass for one.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    }
    const file = process.env.TEST_TOTALS_FILE
    if (file === undefined) console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
    else writeFileSync(file, JSON.stringify(counts))
  }
}
