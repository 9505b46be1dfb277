select count(*), max(n) from (select medallion, hack_license, count(*) as n from taxi.fare group by medallion, hack_license) g
