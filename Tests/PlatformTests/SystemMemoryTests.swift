import Platform
import Testing

@Suite struct SystemMemoryTests {
    private func limit(_ groups: String, _ files: [String: String]) -> Int? {
        SystemMemory.limit(groups: groups) { files[$0] }
    }

    @Test func theLeastOfTheGroupsAround() {
        let files = [
            "/sys/fs/cgroup/a/b/memory.max": "max\n", "/sys/fs/cgroup/a/memory.max": "3000\n",
            "/sys/fs/cgroup/memory.max": "5000\n",
        ]
        #expect(limit("0::/a/b\n", files) == 3000)
        #expect(limit("0::/\n", files) == 5000)
        #expect(limit("0::/other\n", files) == 5000)
        #expect(limit("0::/a/b\n", [:]) == nil)
        #expect(limit("", files) == nil)
        #expect(limit("nonsense\n0:\n", files) == nil)
    }

    @Test func firstVersion() {
        let files = [
            "/sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": "1000\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        ]
        #expect(limit("5:cpu:/docker/x\n4:memory,hugetlb:/docker/x\n", files) == 1000)
        #expect(limit("4:memory:/\n", files) == 9_223_372_036_854_771_712)
        #expect(limit("5:cpu:/docker/x\n", files) == nil)
    }

    @Test func thisProcess() { #expect(SystemMemory.available() > 1 << 20) }
}
