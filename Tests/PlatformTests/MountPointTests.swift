import Platform
import Testing

@Suite struct MountPointTests {
    @Test func tableOfLinux() {
        let table = """
            24 1 254:0 / / rw,relatime - ext4 /dev/vda rw
            25 24 0:22 / /proc rw - proc proc rw
            43 27 254:0 /a/b /mnt/my\\040disk\\134x rw shared:1 master:2 - ext4 /dev/vda rw
            broken line
            """
        let paths = MountPoints.paths(ofTable: Array(table.utf8))
        #expect(paths == ["/", "/proc", "/mnt/my disk\\x"])
    }

    @Test func placesInAFolder() {
        let points = MountPoints(["/", "/a/b", "/a-b/c", "/ab", "/a/b/c", "/é/x"])
        #expect(points.contains("/a/b") && !points.contains("/a"))
        #expect(points.first(in: "/a") == "/a/b")
        #expect(points.first(in: "/a/b") == "/a/b/c")
        #expect(points.first(in: "/a/b/c") == nil)
        #expect(points.first(in: "/a-b") == "/a-b/c")
        #expect(points.first(in: "/é") == "/é/x")
        #expect(points.first(in: "/z") == nil)
        #expect(points.first(in: "/") != nil)
        #expect(MountPoints([]).first(in: "/") == nil)
    }

    #if os(Linux)
    @Test func thoseOfThisProcess() { #expect(MountPoints.current().contains("/")) }
    #endif
}
