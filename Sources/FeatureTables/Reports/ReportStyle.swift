/// How pages of reports look.
enum ReportStyle {
    static let sheet = """
        :root{color-scheme:light dark;--paper:#fff;--card:#f7f8fa;--ink:#1c2330;--quiet:#667085;--line:#dfe3ea;--blue:#3565c0;\
        --red:#c4453c;--trough:#e6eaf1;--none:#e6e6e6}
        @media(prefers-color-scheme:dark){:root{--paper:#14171d;--card:#1c2028;--ink:#e6e9ef;--quiet:#98a2b3;--line:#2e3542;\
        --blue:#6f9cf0;--red:#ef7d72;--trough:#2a303b;--none:#333842}}
        *{box-sizing:border-box}
        body{margin:0 auto;padding:24px 28px 64px;max-width:1360px;background:var(--paper);color:var(--ink);\
        font:14px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif}
        h1{font-size:24px;margin:0}h2{font-size:18px;margin:36px 0 10px}h3{font-size:15px;margin:0;overflow-wrap:anywhere}
        p{margin:4px 0 10px}.quiet,.source{color:var(--quiet)}.source{font-family:ui-monospace,"DejaVu Sans Mono",monospace;\
        overflow-wrap:anywhere}
        .facts{display:flex;flex-wrap:wrap;gap:8px 28px;list-style:none;margin:10px 0 0;padding:0}.facts b{font-size:18px}
        .findings{margin:0;padding:0;list-style:none}.findings li{padding:5px 10px;border-left:3px solid var(--blue);\
        background:var(--card);margin-bottom:4px;overflow-wrap:anywhere}
        .findings .leak,.findings .drift,.findings .not-finite,.findings .empty{border-color:var(--red)}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
        th,td{padding:4px 10px 4px 0;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
        td.quiet{white-space:normal;min-width:120px}th{font-weight:600;color:var(--quiet);font-size:12px}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
        a{color:inherit;text-decoration-color:var(--blue);text-underline-offset:3px}
        .bar{display:inline-block;width:110px;height:9px;background:var(--trough);border-radius:2px;vertical-align:middle}
        .bar span{display:block;height:100%;background:var(--blue);border-radius:2px}.bar .loud{background:var(--red)}
        .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(350px,1fr));gap:16px;margin-top:20px}
        article{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 16px;min-width:0}
        dl{display:grid;grid-template-columns:auto 1fr;gap:1px 14px;margin:0 0 10px;font-size:13px}
        dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
        figure{margin:0 0 10px}figcaption{display:flex;justify-content:space-between;color:var(--quiet);font-size:12px}
        svg rect{fill:var(--blue)}.spark{width:110px;height:20px;display:block}.histogram{width:100%;height:90px;display:block;\
        border-bottom:1px solid var(--line)}
        .top{table-layout:fixed}.top td{border:0;padding:1px 8px 1px 0;font-size:13px;overflow:hidden;text-overflow:ellipsis}\
        .top td:nth-child(1){width:46%}.top td:nth-child(2){width:22%}.top .bar{width:100%}
        caption{text-align:left;color:var(--quiet);font-size:12px}
        """
}
