import { testScenarios } from '../../scenario-files-fixture.ts'
import { ScenarioWorld } from './world.ts'

testScenarios(__dirname, () => new ScenarioWorld())
