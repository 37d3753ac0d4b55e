'use strict'
// `npm start`: prepares what is missing, then becomes the broker: the bundle runs in this very process.
const { BUNDLE, requireNode, ensureInstalled, ensureGenerated, requireBundle } = require('./prepare.cjs')

requireNode()
ensureInstalled()
ensureGenerated()
requireBundle()
require(BUNDLE)
