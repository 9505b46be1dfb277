import Columnar
import Planner
import Testing

/// Which parts of nested columns a query reads.
@Suite struct FieldPruningTests {
    @Test(arguments: [
        ("select s.a from nest", "s.a"),
        ("select s.c.d, s.b from nest", "s.b, s.c.d"),
        ("select s, s.a from nest", "s"),
        ("select s.a, s.b, s.c from nest", "s"),
        ("select items.sku from nest", "items.sku"),
        ("select items[0].qty from nest", "items.qty"),
        ("select size(items), m['k'].f from nest", "items.{}, m.key, m.value.f"),
        ("select map_keys(m) from nest", "m.key"),
        ("select map_values(m)[0].g from nest", "m.value.g"),
        ("select s is null, s.c is not null from nest", "s.c.{}"),
        ("select count(s), count(distinct s.b) from nest", "s.b"),
        ("select count(s) from nest", "s.{}"),
        ("select x.qty from nest lateral view explode(items) t as x", "items.qty"),
        ("select k from nest lateral view explode(m) t as k, v", "m.key"),
        ("select p from nest lateral view posexplode(items) t as p, x", "items.{}"),
        ("select sku from nest lateral view inline(items) t as sku, qty, tags", "items.sku"),
        ("select tag from nest lateral view explode(items) t as x lateral view explode(x.tags) u as tag", "items.tags"),
        ("select q.x.d from (select s.c x from nest) q", "s.c.d"),
        ("select id from nest where s.b = 'x' order by s.a", "id, s.a, s.b"),
        ("select distinct s from nest", "s"),
        ("select if(id = 1, s, null).b from nest", "id, s.b"),
        ("select sum(s.a) over (partition by s.b) from nest", "s.a, s.b"),
    ]) func onlyWhatIsNeeded(sql: String, columns: String) throws {
        let lines = try PlannedQuery(sql).lines()
        #expect(lines.contains { $0.contains("LogicalScan default.nest [\(columns)]") }, "\(sql): \(lines)")
    }

    @Test func allReadersOfASubplanCount() throws {
        let union = try PlannedQuery("select x.a from (select s x from nest union all select s from nest where s.b = 'y') q").lines()
        #expect(union.contains { $0.contains("default.nest [s.a]") } && union.contains { $0.contains("default.nest [s.a, s.b]") }, "\(union)")
        let shared = try PlannedQuery(
            "with q as (select id, s, items from nest where id > 1 or s.b = 'x') "
                + "select s.a from q union all select size(items) from q order by 1 limit 3"
        ).lines()
        #expect(shared.contains { $0.contains("default.nest [id, s.a, s.b, items.{}]") }, "\(shared)")
        let joined = try PlannedQuery("select l.s.a from nest l join nest r on l.s.b = r.s.b").lines()
        #expect(joined.contains { $0.contains("[s.a, s.b]") } && joined.contains { $0.contains("[s.b]") }, "\(joined)")
    }

    @Test func selectionsAreUnited() {
        let type = SQLType.structure([StructField(name: "a", type: .int), StructField(name: "b", type: .array(.string))])
        let both = FieldSelection.only(0).union(.only(1, .none))
        #expect(both.paths("s", type: type) == ["s.a", "s.b.{}"])
        #expect(both.union(.only(1)).simplified(for: type) == .whole)
        #expect(FieldSelection.only(0).union(.whole).isWhole)
        #expect(FieldSelection.none.paths("s", type: type) == ["s.{}"])
        #expect(FieldSelection.only(7).simplified(for: type) == FieldSelection.none)
        #expect(FieldSelection.none.simplified(for: .int) == .whole)
    }
}
