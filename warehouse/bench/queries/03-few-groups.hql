select payment_type, vendor_id, count(*), sum(total_amount), max(tip_amount) from taxi.fare group by payment_type, vendor_id
