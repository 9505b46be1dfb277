import Platform
import Testing

@Suite struct PartitionPointTests {
    @Test func findsTheFirstThatSatisfies() {
        for count in 0..<20 {
            let numbers = (0..<count).map { $0 / 3 * 2 }
            for wanted in -1...14 {
                #expect(numbers.partitionPoint { $0 >= wanted } == numbers.firstIndex { $0 >= wanted } ?? count)
                #expect(numbers.sortedPlace(of: wanted) == numbers.firstIndex(of: wanted))
            }
        }
    }

    /// Places of a part are those of the whole.
    @Test func partsKeepTheirPlaces() {
        let part = [9, 1, 3, 5, 0][1...3]
        #expect(part.partitionPoint { $0 >= 2 } == 2 && part.partitionPoint { $0 >= 6 } == 4)
        #expect(part.sortedPlace(of: 5) == 3 && part.sortedPlace(of: 9) == nil)
    }
}
