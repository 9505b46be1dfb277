/// What only the page of a report on a model has.
enum EvaluationStyle {
    static let sheet = """
        :root{--c0:#3565c0;--c1:#c4453c;--c2:#2f8f4e;--c3:#8a5bc7;--c4:#b7791f;--c5:#0f8b9d;--c6:#c2508f;--c7:#6b7d1e;--c8:#7a5230;\
        --c9:#4b5563;--c10:#d2691e;--c11:#3b3f9e}
        @media(prefers-color-scheme:dark){:root{--c0:#6f9cf0;--c1:#ef7d72;--c2:#5fcf84;--c3:#b994f2;--c4:#e3b04b;--c5:#4fc3d6;--c6:#f08cc0;\
        --c7:#b5c957;--c8:#c99b73;--c9:#aab2bf;--c10:#f0995a;--c11:#8f93f0}}
        nav{margin:14px 0 0;display:flex;flex-wrap:wrap;gap:4px 16px}
        .verdict{padding:10px 14px;border-left:3px solid var(--c2);background:var(--card);margin:18px 0 0;overflow-wrap:anywhere}
        .chart{width:100%;height:auto;display:block}.chart text{fill:var(--quiet);font-size:10px}.chart .axis{fill:var(--ink)}
        .chart .grid{stroke:var(--line);stroke-width:1}.chart .reference{fill:none;stroke:var(--quiet);stroke-width:1;stroke-dasharray:2 3}
        .chart .line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}.chart circle{fill:var(--c)}\
        .chart .other{stroke-dasharray:6 4;opacity:.85}.chart circle.other{opacity:.5}
        .legend{flex-wrap:wrap;justify-content:flex-start;gap:2px 14px}.legend i{display:inline-block;width:16px;height:0;\
        border-top:3px solid var(--c);margin-right:6px;vertical-align:middle}.legend i.other{border-top-style:dashed}
        .c0{--c:var(--c0)}.c1{--c:var(--c1)}.c2{--c:var(--c2)}.c3{--c:var(--c3)}.c4{--c:var(--c4)}.c5{--c:var(--c5)}.c6{--c:var(--c6)}\
        .c7{--c:var(--c7)}.c8{--c:var(--c8)}.c9{--c:var(--c9)}.c10{--c:var(--c10)}.c11{--c:var(--c11)}
        svg rect.others{fill:var(--quiet)}
        details{font-size:13px}summary{cursor:pointer;color:var(--quiet)}details .scroll{max-height:240px;overflow-y:auto}
        .confusion{width:auto}.confusion td.n{position:relative;padding:6px 12px;border:1px solid var(--line);min-width:64px}\
        .confusion th{padding:4px 12px}.confusion th[scope=row]{text-align:right}
        .confusion .hit{background:color-mix(in srgb,var(--c0) var(--part),transparent)}\
        .confusion .miss{background:color-mix(in srgb,var(--c1) var(--part),transparent)}
        td .bar{width:160px}.chart rect{fill:var(--c0)}
        :focus-visible{outline:2px solid var(--c0);outline-offset:2px}
        .measures{width:auto}.measures td,.measures th{padding-right:28px}.measures td:first-child{color:var(--quiet)}
        """
}
