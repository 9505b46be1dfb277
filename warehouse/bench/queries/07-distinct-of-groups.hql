select count(*), max(n) from (select medallion, count(distinct hack_license) as n from taxi.trip group by medallion) g
