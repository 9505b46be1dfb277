select count(*), max(size(l)) from (select medallion, collect_set(hack_license) as l from taxi.trip group by medallion) g
