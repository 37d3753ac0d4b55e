import { KeptBytes } from './kept-bytes.ts'

test('there is room to the last byte and no further, over all machines; who keeps less always has it', () => {
  const machines: KeptBytes[] = []
  const all = () => machines.reduce((total, { bytes }) => total + bytes, 0)
  const [first, second] = [new KeptBytes(all), new KeptBytes(all)]
  machines.push(first, second)
  first.change(60)
  expect([second.hasRoomFor(40, 100), second.hasRoomFor(41, 100)]).toEqual([true, false])
  second.change(50)
  expect([first.hasRoomFor(1, 100), first.hasRoomFor(0, 100), first.hasRoomFor(-1, 100)]).toEqual([false, true, true])
  first.change(-10)
  expect([first.bytes, first.hasRoomFor(1, 101), new KeptBytes().hasRoomFor(100, 100)]).toEqual([50, true, true])
})
