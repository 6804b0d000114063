; collected.lisp - rings that the interpreter's own collector frees
;
; The functions leave a ring behind at each call, as in letrec.lisp; collect
; finds those that nothing holds any more and frees them.

(define (count-to limit)
  (letrec ((count (lambda (n)
                    (if (= n limit) n (count (+ n 1))))))
    (count 0)))

(print (count-to 10))
(print (count-to 20))
(print (if (< 0 (collect)) 'freed 'nothing-to-free))
(print (count-to 30))
(print (if (< 0 (collect)) 'freed 'nothing-to-free))
(print (if (< 0 (collect)) 'freed 'nothing-to-free))
