'use strict'
// `npm run build`: dist/odradek.cjs, for the image and for whoever starts brokers without npm.
const { requireNode, ensureInstalled, ensureGenerated, requireBundle } = require('./prepare.cjs')

requireNode()
ensureInstalled()
ensureGenerated()
requireBundle()
