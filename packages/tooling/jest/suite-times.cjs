/** Prints how long each suite took, slowest first, and one plain closing line that any CI can read. */
module.exports = class SuiteTimes {
  onRunComplete(_contexts, results) {
    const rows = results.testResults
      .map((suite) => ({ path: suite.testFilePath, ms: suite.perfStats.end - suite.perfStats.start }))
      .sort((a, b) => b.ms - a.ms)
    for (const { path, ms } of rows) console.log(`${(ms / 1000).toFixed(2).padStart(8)} s  ${path.slice(process.cwd().length + 1)}`)
    console.log(`${results.numPassedTests} passed, ${results.numFailedTests} failed, ${results.numPendingTests} skipped`)
  }
}
