select max(mean), count(*) from (select avg(tip_amount) over (partition by medallion order by pickup_datetime rows between 20 preceding and 1 preceding) as mean from taxi.fare) w
